// Narrows down what has data-f: fields parted by "|", in the order of the form's; a field may have several values,
// parted by ",". The last is searched. Without this script the page shows everything.
const form = document.querySelector(".filters");
const rows = [...document.querySelectorAll("[data-f]")].map((row) => [row, row.dataset.f.toLowerCase().split("|")]);
const choices = [...form.querySelectorAll("select")];
function show() {
  const wanted = choices.map((one) => one.value.toLowerCase());
  const who = form.elements.who.value.trim().toLowerCase();
  let shown = 0;
  for (const [row, told] of rows) {
    const has = (one, place) => !one || told[place] === one || told[place].split(",").includes(one);
    const fits = wanted.every(has) && told[choices.length].includes(who);
    row.hidden = !fits;
    shown += fits;
  }
  document.getElementById("shown").textContent = shown;
}
form.hidden = false;
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
