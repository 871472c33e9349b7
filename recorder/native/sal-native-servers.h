/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks servers for debugging information, where the user wants that. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Thread: one at a time. */
typedef struct _SalNativeServers SalNativeServers;

/** SalNativeServersWait: called again and again while an answer is waited for; false gives up. */
typedef bool (*SalNativeServersWait) (void *data);

/**
 * sal_native_servers_new: those of DEBUGINFOD_URLS, else of the files of /etc/debuginfod.
 *
 * NULL without libdebuginfod, a server or memory.
 * Source: debuginfod-client-config(7), debuginfod_find_debuginfo(3).
 */
SalNativeServers *sal_native_servers_new (SalNativeServersWait wait, void *data)
    __attribute__ ((warn_unused_result));

/**
 * sal_native_servers_find: a descriptor of the file with the debugging information of the file
 * whose build-id are the @length bytes @id; -1 when nobody has it. The caller closes it.
 *
 * The first time the variable is set where it was not: nobody else may look at the environment
 * then. What was fetched, and what was not found, is kept in the user's cache. May take minutes.
 */
int sal_native_servers_find (SalNativeServers *servers, const uint8_t *id, size_t length);

/** sal_native_servers_free: NULL is fine. */
void sal_native_servers_free (SalNativeServers *servers);
