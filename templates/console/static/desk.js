// The desk's only script: keyboard shortcuts and the document pane. Everything works without it, only slower.
"use strict";
