// Opens the customer that a link leads to.
function openMeant() {
  const meant = document.getElementById(location.hash.slice(1));
  if (meant instanceof HTMLDetailsElement) {
    meant.open = true;
    meant.scrollIntoView();
  }
}
window.addEventListener("hashchange", openMeant);
openMeant();
