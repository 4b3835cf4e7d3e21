// What the programs of all JavaScript clients share: what they are told (one JSON argument, as the
// Python programs), pictures to send, and one JSON object as their answer. A call that throws is
// the server's `error` where `said` can tell it, else what the client itself `raised`.
import { readFile } from 'node:fs/promises';
import { deflateSync } from 'node:zlib';

export const target = JSON.parse(process.argv[2]);
export const MODEL = 'gemini-3.1-flash-image';
export const SCENE = "A red cat next to a tree, with the text 'Hello' at the bottom";
export const NIGHT = 'now make it night';
export const BAD_KEY = 'AIza-not-a-key';

// A PNG of one colour: 320 x 200, `samples` bytes for each pixel (3: colour, 4: with clear pixels).
function png(samples, pixel) {
  const width = 320, height = 200;
  const rows = Buffer.alloc(height * (1 + width * samples));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows.set(pixel(x), y * (1 + width * samples) + 1 + x * samples);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, samples === 4 ? 6 : 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ -1) >>> 0;
}

export const red = png(3, () => [200, 40, 40]);
export const blue = png(3, () => [40, 40, 200]);
export const mask = png(4, (x) => [0, 0, 0, x < 160 ? 255 : 0]); // clear on the right: to be painted
export const cut = red.subarray(0, red.length - 20);

// A PNG states its size in bytes 16 to 23, a JPEG in its first SOF segment.
export function size(data) {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'base64') : Buffer.from(data);
  if (bytes[0] === 0x89) return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1];
    if (marker >= 0xc0 && marker <= 0xc3) return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
  }
  return null;
}

export async function run(calls, { folder, said }) {
  const manifest = new URL(`node_modules/${folder}/package.json`, import.meta.url);
  const answers = { version: JSON.parse(await readFile(manifest, 'utf8')).version };
  for (const name of target.calls) {
    try {
      answers[name] = { answer: await calls[name]() };
    } catch (error) {
      const told = said(error);
      answers[name] = told
        ? { error: { class: error.constructor.name, ...told } }
        : { raised: String(error), trace: String(error?.stack) };
    }
  }
  console.log(JSON.stringify(answers));
}
