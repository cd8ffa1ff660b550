// The node half of a provider loads its 1,469 submodules on first use instead of at start: the root index, compiled in
// memory with getters in place of require calls. Changes no file on disk.
'use strict';
const Module = require('module');
const fs = require('fs');

const INDEX = /provider-google\b.*[\\/]lib[\\/]index\.js$/;
const EXPORTED = /^exports\.(\w+) = ((?:__importStar\()?require\("\.\/[^"]+"\)\)?);$/gm;
const original = Module._extensions['.js'];

const asGetter = (_, name, load) =>
  `Object.defineProperty(exports, "${name}", {enumerable: true, configurable: true, get() {` +
  ` const value = ${load}; Object.defineProperty(exports, "${name}", {enumerable: true, value}); return value; }});`;

Module._extensions['.js'] = (module, file) => {
  if (!INDEX.test(file)) return original(module, file);
  const source = fs.readFileSync(file, 'utf8');
  module._compile(source.replace(EXPORTED, asGetter).replace(/^(exports\.\w+ = )+void 0;$/gm, ''), file);
};
