// Send one file to the library of a course, with its progress.

// Gives what the server says, {markdown} or {error}; null where nothing came back.
export const upload = (address, token, file, onProgress) => new Promise((resolve) => {
  const request = new XMLHttpRequest(); // fetch tells no progress of what is sent
  const body = new FormData();
  body.append("csrf_token", token);
  body.append("files", file, file.name || "gambar.png");
  request.open("POST", address);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) onProgress(Math.floor(event.loaded / event.total * 100));
  });
  request.addEventListener("loadend", () => resolve(request.response));
  request.send(body);
});
