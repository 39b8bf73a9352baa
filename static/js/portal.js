// What every page of the portal has: menus that close, toasts, times that stay true, forms that are sent once.
import "./menus.js";
import "./toasts.js";
import "./times.js";
import "./forms.js";
