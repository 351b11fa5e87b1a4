#!/usr/bin/env node
// Makes the package of one platform: platform.js linux-x64 BINARY DIRECTORY
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const [platform, binary, directory] = process.argv.slice(2);
const main = require("./package.json");
const name = `@lockgate/${platform}`;
if (!directory || !(name in main.optionalDependencies)) {
  console.error("usage: platform.js PLATFORM BINARY DIRECTORY, with one of the platforms in package.json");
  process.exit(2);
}

const [os, cpu] = platform.split("-");
const file = os === "win32" ? "lockgate.exe" : "lockgate";
const description = {
  name,
  version: main.version,
  description: `The program of ${main.name} for ${platform}`,
  license: main.license,
  os: [os],
  cpu: [cpu],
  files: [file],
  preferUnplugged: true,
};
fs.mkdirSync(directory, { recursive: true });
fs.writeFileSync(path.join(directory, "package.json"), JSON.stringify(description, null, 2) + "\n");
fs.copyFileSync(binary, path.join(directory, file));
fs.chmodSync(path.join(directory, file), 0o755);
