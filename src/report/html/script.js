"use strict";
(function () {
  const form = document.getElementById("filter");
  const list = document.getElementById("findings");
  const shown = document.getElementById("shown");
  if (!form || !list || !shown) return;
  const all = Array.from(list.querySelectorAll("details.finding"));
  const rank = ["critical", "high", "medium", "low", "info"];
  const keys = { severity: "severity", rule: "rule", file: "file", owner: "owner" };
  function fill(name, order) {
    const select = form.elements[name];
    const values = Array.from(new Set(all.map(function (one) { return one.dataset[name] || ""; })));
    values.sort(order);
    for (const value of values) {
      const option = document.createElement("option");
      option.value = value;
      option.textContent = value;
      select.append(option);
    }
  }
  function byRank(a, b) { return rank.indexOf(a) - rank.indexOf(b); }
  function byName(a, b) { return a < b ? -1 : a > b ? 1 : 0; }
  function matches(one) {
    for (const name of ["severity", "category", "owner"]) {
      const wanted = form.elements[name].value;
      if (wanted !== "" && one.dataset[name] !== wanted) return false;
    }
    if (form.elements.blocking.checked && one.dataset.blocks !== "yes") return false;
    if (!form.elements.suppressed.checked && one.dataset.suppressed === "yes") return false;
    const words = form.elements.words.value.trim().toLowerCase();
    return words === "" || one.textContent.toLowerCase().includes(words);
  }
  function update() {
    const by = keys[form.elements.group.value] || "file";
    const groups = new Map();
    let number = 0;
    for (const one of all) {
      one.hidden = !matches(one);
      if (one.hidden) continue;
      number += 1;
      const key = one.dataset[by] || "";
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(one);
    }
    const names = Array.from(groups.keys());
    names.sort(by === "severity" ? byRank : byName);
    const sections = names.map(function (name) {
      const section = document.createElement("section");
      const heading = document.createElement("h2");
      heading.textContent = name + " (" + groups.get(name).length + ")";
      section.append(heading);
      for (const one of groups.get(name)) section.append(one);
      return section;
    });
    list.replaceChildren.apply(list, sections);
    shown.textContent = number + " of " + all.length + " findings shown";
  }
  fill("severity", byRank);
  fill("category", byName);
  fill("owner", byName);
  form.addEventListener("input", update);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.hidden = false;
  update();
})();
