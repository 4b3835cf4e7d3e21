// Runs Google's JavaScript SDK, unmodified, against a server and prints what it saw as one JSON
// object: node program.mjs PACKAGE BASE_URL KEY. Each case stands under its name with its answer,
// or with the error that the SDK raised.
const [, , packageName, baseUrl, key] = process.argv;
const { GoogleGenAI, ApiError } = await import(packageName);
const model = 'gemini-3.1-flash-image';
const makeClient = (apiKey) => new GoogleGenAI({ apiKey, vertexai: false, httpOptions: { baseUrl } });
const client = makeClient(key);

// A PNG states its size in bytes 16 to 23, a JPEG in its first SOF segment.
function size(base64) {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes[0] === 0x89) return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1];
    if (marker >= 0xc0 && marker <= 0xc3) return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
  }
  return null;
}

function seen(response) {
  const candidate = response.candidates[0];
  const parts = candidate.content?.parts ?? [];
  const images = parts.filter((part) => part.inlineData);
  return {
    sizes: images.map((part) => size(part.inlineData.data)),
    signed: images.map((part) => Boolean(part.thoughtSignature)),
    text: parts.filter((part) => part.text && !part.thought).map((part) => part.text).join(''),
    finish: candidate.finishReason,
    version: response.modelVersion,
    total: response.usageMetadata.totalTokenCount,
  };
}

const picture = {
  inlineData: {
    mimeType: 'image/png',
    data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  },
};
const generate = async (contents, config, id = model) =>
  seen(await client.models.generateContent({ model: id, contents, config }));

const cases = {
  text_to_image: () => generate('a red cat next to a tree'),
  ratio_and_size: () => generate('a blue car', { imageConfig: { aspectRatio: '16:9', imageSize: '2K' } }),
  edit: () => generate([picture, 'make it grey']),
  async chat() {
    const chat = client.chats.create({ model });
    const answers = [];
    for (const message of ['A red cat next to a tree', 'now make it night']) {
      answers.push(seen(await chat.sendMessage({ message })));
    }
    return answers;
  },
  async stream() {
    const sizes = [];
    let last;
    for await (const chunk of await client.models.generateContentStream({ model, contents: 'a sailboat' })) {
      last = chunk;
      for (const part of chunk.candidates?.[0]?.content?.parts ?? []) {
        if (part.inlineData) sizes.push(size(part.inlineData.data));
      }
    }
    return { sizes, finish: last.candidates[0].finishReason, total: last.usageMetadata.totalTokenCount };
  },
  count_tokens: async () => (await client.models.countTokens({ model, contents: 'a red cat' })).totalTokens,
  async list_models() {
    const names = [];
    for await (const one of await client.models.list({ config: { pageSize: 2 } })) names.push(one.name);
    return names;
  },
  get_model: async () => (await client.models.get({ model })).name,
  no_picture: () => client.models.generateContent({ model, contents: 'What is your name?' })
    .then((response) => ({
      finish: response.candidates[0].finishReason,
      parts: response.candidates[0].content.parts.length,
    })),
  wrong_size: () => generate('a cat', { imageConfig: { imageSize: '2k' } }),
  wrong_ratio: () => generate('a cat', { imageConfig: { aspectRatio: '9:21' } }),
  unknown_model: () => generate('a cat', undefined, 'gemini-9-image'),
  truncated_picture: () =>
    generate([{ inlineData: { ...picture.inlineData, data: picture.inlineData.data.slice(0, 80) } }, 'grey']),
  too_many_pictures: () => generate([...Array(15).fill(picture), 'collage']),
  bad_key: async () =>
    seen(await makeClient('AIza-not-a-key').models.generateContent({ model, contents: 'a cat' })),
};

const answers = {};
for (const [name, run] of Object.entries(cases)) {
  try {
    answers[name] = { answer: await run() };
  } catch (error) {
    answers[name] = error instanceof ApiError
      ? { error: { code: error.status, message: error.message } }
      : { crash: String(error.stack) };
  }
}
console.log(JSON.stringify(answers));
