// Starts the whole network (PLC, PDS, AppView, Ozone) and prints where it listens, as one line of JSON.
// CHAT_PORT names the port of a stand-in for the chat service, the one part that is not to be had as a package.
import { Secp256k1Keypair } from "@atproto/crypto";
import { TestNetwork } from "@atproto/dev-env";
import * as plc from "@did-plc/lib";

const network = await TestNetwork.create({ dbPostgresSchema: "porthor" });

async function registerChat(endpoint) {
  const key = await Secp256k1Keypair.create();
  const unsigned = {
    type: "plc_operation",
    alsoKnownAs: [],
    verificationMethods: {},
    rotationKeys: [key.did()],
    services: { bsky_chat: { type: "BskyChatService", endpoint } },
    prev: null,
  };
  const operation = await plc.addSignature(unsigned, key);
  const did = await plc.didForCreateOp(operation);
  await network.plc.getClient().sendOperation(did, operation);
  return `${did}#bsky_chat`;
}

const chat = await registerChat(`http://localhost:${process.env.CHAT_PORT}`);
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
    chat,
    chat_port: process.env.CHAT_PORT,
  })}`,
);
