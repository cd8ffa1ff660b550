// The cdktf command line runs terraform in a pseudo terminal of native code, for which there is no build for recent
// Node versions and which must not be fetched from anywhere else. Pipes do: terraform reads its approval from them too.
"use strict";

const { spawn } = require("node:child_process");

const INTERRUPT = "\x03";

exports.spawn = (file, args, options) => {
  const child = spawn(file, args, { cwd: options.cwd, env: options.env, stdio: "pipe" });
  const failed = [];
  child.on("error", (error) => failed.push(error));
  child.stdin.on("error", () => {}); // terraform may end before it has read everything
  return {
    pid: child.pid,
    write: (text) => (text === INTERRUPT ? child.kill("SIGINT") : child.stdin.write(text)),
    kill: (signal) => child.kill(signal),
    onData: (listener) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8");
        stream.on("data", listener);
      }
      child.on("error", (error) => listener(`${error.message}\n`));
    },
    onExit: (listener) =>
      child.on("close", (code, signal) => listener({ exitCode: failed.length || code === null ? 1 : code, signal })),
  };
};
