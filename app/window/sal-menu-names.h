/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of menus' items for assistive technologies. */
#pragma once

/** sal_menu_names_watch: gives each item of a menu its text as accessible name whenever it comes
 * up. To be called once, when GTK runs. */
void sal_menu_names_watch (void);
