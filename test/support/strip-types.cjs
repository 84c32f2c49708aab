// Jest transform: TypeScript that only needs its types erased, by Node's own stripper.
const { stripTypeScriptTypes } = require('node:module');
module.exports = { process: (source) => ({ code: stripTypeScriptTypes(source) }) };
