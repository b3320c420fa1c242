// Node has its own.
module.exports = globalThis.fetch;
