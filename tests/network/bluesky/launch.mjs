// Starts the whole network (PLC, PDS, AppView, Ozone) and prints where it listens, as one line of JSON.
import { TestNetwork } from "@atproto/dev-env";

const network = await TestNetwork.create({ dbPostgresSchema: "porthor" });
const stop = async () => {
  await network.close();
  process.exit(0);
};
process.on("SIGTERM", stop);
// The parent holds our standard input: when it dies, even by kill -9, the pipe ends and so do we.
process.stdin.on("end", stop).resume();
console.log(
  `NETWORK ${JSON.stringify({
    plc: network.plc.url,
    pds: network.pds.url,
    appview: network.bsky.url,
    ozone: network.ozone.url,
    labeler: network.ozone.ctx.cfg.service.did,
  })}`,
);
