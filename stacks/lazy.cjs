// The node half of a provider loads its 1,469 submodules on first use instead of at start: the root index, compiled in
// memory with getters in place of require calls. And tokens keep no trace of their making: it would show frames of the
// kernel, never of Python, and costs an eighth of the time and most of the memory. Changes no file on disk.
'use strict';
const Module = require('module');
const fs = require('fs');
const os = require('os');

// The kernel runs in a child that inherits these flags; its fixed 4 GiB do not hold the stacks of 200 teams.
const ceiling = `--max-old-space-size=${Math.floor((os.totalmem() / 2 ** 20) * 0.75)}`;
process.execArgv = process.execArgv.map((flag) => (flag.startsWith('--max-old-space-size=') ? ceiling : flag));

const INDEX = /provider-google\b.*[\\/]lib[\\/]index\.js$/;
const TRACE = /(cdktf|cdktn|constructs)[\\/].*lib[\\/](tokens[\\/])?private[\\/]stack-trace\.js$/;
const EXPORTED = /^exports\.(\w+) = ((?:__importStar\()?require\("\.\/[^"]+"\)\)?);$/gm;
const original = Module._extensions['.js'];

const asGetter = (_, name, load) =>
  `Object.defineProperty(exports, "${name}", {enumerable: true, configurable: true, get() {` +
  ` const value = ${load}; Object.defineProperty(exports, "${name}", {enumerable: true, value}); return value; }});`;

Module._extensions['.js'] = (module, file) => {
  if (TRACE.test(file)) {
    original(module, file);
    for (const name of Object.keys(module.exports)) module.exports[name] = () => [];
    return;
  }
  if (!INDEX.test(file)) return original(module, file);
  const source = fs.readFileSync(file, 'utf8');
  module._compile(source.replace(EXPORTED, asGetter).replace(/^(exports\.\w+ = )+void 0;$/gm, ''), file);
};
