// Keeps every server that this process opens on 127.0.0.1, and every connection it makes on loopback too.
const net = require("node:net");

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (first, ...rest) {
  if (first !== null && typeof first === "object" && "port" in first) {
    return listen.call(this, { ...first, host: "127.0.0.1" }, ...rest);
  }
  if (Number.isInteger(Number(first)) && typeof first !== "function") {
    const done = rest.find((argument) => typeof argument === "function");
    return listen.call(this, { port: Number(first), host: "127.0.0.1" }, done);
  }
  return listen.call(this, first, ...rest);
};

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const host = options && typeof options === "object" ? options.host : undefined;
  if (host && !LOOPBACK.has(host)) {
    process.nextTick(() => this.destroy(new Error(`the test network may not reach ${host}`)));
    return this;
  }
  return connect.apply(this, args);
};
