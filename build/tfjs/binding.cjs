// tfjs-node asks node-pre-gyp where its binding lies, and would look only in its own folder. `find` is set before.
module.exports = {};
