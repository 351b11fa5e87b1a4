#!/usr/bin/env node
// Starts the program of the package for this machine. Nothing is downloaded: npm installs that package beside this one.
"use strict";

const { spawnSync } = require("node:child_process");
const { constants } = require("node:os");

// Without a program there is no verdict: 2, as whatever else leaves one open.
const UNDECIDED = 2;

const name = `@lockgate/${process.platform}-${process.arch}`;
const file = process.platform === "win32" ? "lockgate.exe" : "lockgate";

function run() {
  let program;
  try {
    program = require.resolve(`${name}/${file}`);
  } catch {
    console.error(`error: the package ${name} is not installed; install without --omit=optional, or build Lockgate for this machine`);
    return UNDECIDED;
  }
  const { status, signal, error } = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
  if (error) {
    console.error(`error: cannot run ${program}: ${error.message}`);
    return UNDECIDED;
  }
  return signal ? 128 + (constants.signals[signal] ?? 0) : (status ?? UNDECIDED);
}

process.exitCode = run();
