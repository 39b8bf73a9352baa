// What every page of the portal has. A page's own modules come beside this one.
import "./menus.js";
import "./toasts.js";
import "./times.js";
import "./forms.js";
import "./session.js";
import "./confirm.js";
import "./copy.js";
import "./tabs.js";
import "./guard.js";
import "./picks.js";
import "./drop.js";
import "./combo.js";
