// Loaded by every page. Pages work without it.
import "./menu.js";
import "./submit-once.js";
