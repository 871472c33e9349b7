// SPDX-License-Identifier: GPL-3.0-or-later
// Zoom, search, keyboard and the side of the root, for a flame graph that is a plain picture without.
// Everything it shows is set as text or number, never as markup.
"use strict";
(() => {
  const svg = document.currentScript ? document.currentScript.ownerSVGElement
                                     : document.documentElement;
  const chart = svg.querySelector(".chart");
  const details = svg.querySelector(".details");
  const flip = svg.querySelector(".flip");
  const box = svg.querySelector(".box");
  const row = Number(chart.dataset.row);
  const top = Number(chart.dataset.top);
  const levels = Number(chart.dataset.levels);
  const letter = Number(chart.dataset.letter);
  const wide = Number(chart.dataset.wide);
  const blocks = [];
  const path = [];
  let zoomed, selected, rootBelow = false;
  const history = [];

  for (const group of chart.querySelectorAll(".block")) {
    const rects = group.querySelectorAll("rect");
    const depth = (Number(rects[0].getAttribute("y")) - top) / row;
    const block = {
      group, rects, depth,
      text: group.querySelector("text"),
      title: group.querySelector("title").textContent,
      x: parseFloat(rects[0].getAttribute("x")) / 100,
      width: parseFloat(rects[0].getAttribute("width")) / 100,
      parent: depth > 0 ? path[depth - 1] : null,
      children: [],
    };
    block.label = block.title.split("\n")[0];
    group.salBlock = block;
    if (block.parent)
      block.parent.children.push(block);
    path[depth] = block;
    blocks.push(block);
  }
  zoomed = selected = blocks[0];

  function isAbove(block, other) {
    for (let b = other; b; b = b.parent)
      if (b === block)
        return true;
    return false;
  }

  // As much of the label as fits, or nothing.
  function fit(block, pixels) {
    const letters = Array.from(block.label);
    const room = Math.floor((pixels - 6) / letter);
    const text = block.text;
    if (room < 3) {
      if (text)
        text.textContent = "";
      return;
    }
    if (!text) {
      block.text = document.createElementNS("http://www.w3.org/2000/svg", "text");
      block.group.append(block.text);
    }
    let shown = letters.length <= room ? block.label : letters.slice(0, room - 1).join("") + "…";
    block.text.textContent = shown;
    // Letters that are wider than the others.
    for (let n = room - 1; /[^\x20-\x7e…]/.test(shown) && n > 2 &&
                           block.text.getComputedTextLength() > pixels - 4; n--) {
      shown = letters.slice(0, n - 1).join("") + "…";
      block.text.textContent = shown;
    }
  }

  function place(block, pixels) {
    const above = block !== zoomed && isAbove(block, zoomed);
    const x = above ? 0 : (block.x - zoomed.x) / zoomed.width;
    const width = above ? 1 : block.width / zoomed.width;
    const shown = above || (isAbove(zoomed, block) && width * pixels >= 0.1);
    block.group.style.display = shown ? "" : "none";
    if (!shown)
      return;
    const y = top + row * (rootBelow ? levels - 1 - block.depth : block.depth);
    block.group.classList.toggle("outer", above);
    block.group.classList.toggle("wide", width * pixels >= wide);
    for (const rect of block.rects) {
      rect.setAttribute("x", x * 100 + "%");
      rect.setAttribute("width", width * 100 + "%");
      rect.setAttribute("y", y);
    }
    fit(block, width * pixels);
    if (block.text) {
      block.text.setAttribute("x", x * 100 + "%");
      block.text.setAttribute("dx", 3);
      block.text.setAttribute("y", y + 13);
    }
  }

  function draw() {
    const pixels = svg.getBoundingClientRect().width;
    for (const block of blocks)
      place(block, pixels);
  }

  function select(block) {
    selected.group.classList.remove("selected");
    selected = block;
    block.group.classList.add("selected");
    details.textContent = block.title.split("\n").join(" · ");
  }

  function zoom(block, remember) {
    if (remember && block !== zoomed)
      history.push(zoomed);
    zoomed = block;
    select(block);
    draw();
  }

  function turn() {
    rootBelow = !rootBelow;
    flip.querySelector("text").textContent = rootBelow ? flip.dataset.above : flip.dataset.below;
    draw();
  }

  // The share counts what is inside of another match only once.
  function search() {
    const wanted = box.value.toLowerCase();
    let share = 0;
    for (const block of blocks) {
      const match = wanted !== "" && block.label.toLowerCase().includes(wanted);
      block.match = match || (block.parent !== null && block.parent.match && wanted !== "");
      block.group.classList.toggle("match", match);
      if (match && !(block.parent && block.parent.match))
        share += block.width;
    }
    svg.classList.toggle("searching", wanted !== "");
    details.textContent = wanted === "" ? ""
      : details.dataset.matched.replace("%s", (share * 100).toFixed(share < 0.1 ? 2 : 1) + " %");
  }

  function clear() {
    box.value = "";
    search();
  }

  function step(key) {
    const towardsLeaf = rootBelow ? "ArrowUp" : "ArrowDown";
    const siblings = selected.parent ? selected.parent.children : [selected];
    const place_ = siblings.indexOf(selected);
    let next;
    if (key === "ArrowLeft")
      next = siblings[place_ - 1];
    else if (key === "ArrowRight")
      next = siblings[place_ + 1];
    else
      next = key === towardsLeaf ? selected.children[0] : selected.parent;
    if (!next)
      return;
    if (next.group.style.display === "none")
      zoom(next.parent || next, true);
    select(next);
  }

  function press(event) {
    const key = event.key;
    if ((event.ctrlKey && key === "f") || key === "F3" || (key === "/" && event.target !== box)) {
      box.focus();
      box.select();
    } else if (key === "Escape") {
      if (box.value !== "")
        clear();
      else
        zoom(blocks[0], true);
      chart.focus();
    } else if (event.target === box || event.ctrlKey || event.altKey || event.metaKey)
      return;
    else if (key.startsWith("Arrow"))
      step(key);
    else if (key === "Enter" || key === " ") {
      const button = event.target.closest(".button");
      if (button)
        button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
      else
        zoom(selected, true);
    } else if (key === "Backspace")
      zoom(history.pop() || blocks[0], false);
    else if (key === "0" || key === "Home")
      zoom(blocks[0], true);
    else if (key === "i")
      turn();
    else
      return;
    event.preventDefault();
  }

  svg.setAttribute("width", "100%");
  svg.removeAttribute("viewBox");
  svg.classList.add("live");
  chart.addEventListener("click", event => {
    const group = event.target.closest(".block");
    if (group)
      zoom(group.salBlock, true);
  });
  chart.addEventListener("mouseover", event => {
    const group = event.target.closest(".block");
    if (group)
      details.textContent = group.salBlock.title.split("\n").join(" · ");
  });
  svg.querySelector(".reset").addEventListener("click", () => zoom(blocks[0], true));
  flip.addEventListener("click", turn);
  box.addEventListener("input", search);
  svg.addEventListener("keydown", press);
  window.addEventListener("resize", draw);
  select(blocks[0]);
  details.textContent = "";
  draw();
})();
