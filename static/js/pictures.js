// On a device that saves data: a picture comes into the text where its link was pressed.
// Without this script the link leads to the picture.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-picture]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const picture = new Image();
  picture.alt = link.dataset.picture;
  picture.tabIndex = -1;
  picture.src = link.href;
  link.replaceWith(picture);
  picture.focus();
});
