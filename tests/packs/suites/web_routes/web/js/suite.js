import { app } from "../../scripts/app.js";

app.registerExtension({ name: "suite.web_routes" });
