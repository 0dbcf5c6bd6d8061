// Filters the rows; without it the page shows them all.
const form = document.querySelector(".filters");
const rows = [...document.querySelectorAll("tr[data-f]")].map((row) => [row, row.dataset.f.toLowerCase().split("|")]);
const names = ["journey", "channel", "brand", "locale", "status", "reason"];
function show() {
  const wanted = names.map((name) => form.elements[name].value.toLowerCase());
  const who = form.elements.who.value.trim().toLowerCase();
  let shown = 0;
  for (const [row, told] of rows) {
    const fits = wanted.every((one, place) => !one || told[place] === one) && told[6].includes(who);
    row.hidden = !fits;
    shown += fits;
  }
  document.getElementById("shown").textContent = shown;
}
form.hidden = false;
form.addEventListener("input", show);
form.addEventListener("submit", (event) => event.preventDefault());
