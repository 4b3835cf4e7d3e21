// Google's JavaScript SDK, in its three ways of signing in: a key for the Gemini API (developer), a
// key for Vertex AI (express), and an access token for Vertex AI (account), which stands in for a
// service account, because google-auth-library does not read the token_uri of an account's file.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { OAuth2Client } from 'google-auth-library';
import { BAD_KEY, MODEL, NIGHT, SCENE, blue, cut, red, run, size, target } from './program.mjs';

const { ApiError, GoogleGenAI, MaskReferenceImage, RawReferenceImage } = await import(target.environment);

function makeClient(apiKey = target.key) {
  const httpOptions = { baseUrl: target.url };
  if (target.mode !== 'account') {
    return new GoogleGenAI({ apiKey, vertexai: target.mode === 'express', httpOptions });
  }
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: target.token });
  return new GoogleGenAI({
    vertexai: true,
    project: target.project,
    location: 'global',
    googleAuthOptions: { authClient },
    httpOptions,
  });
}

const client = makeClient();
const still = (data) => ({ imageBytes: data.toString('base64'), mimeType: 'image/png' });
const inline = (data) => ({ inlineData: { mimeType: 'image/png', data: data.toString('base64') } });

function seen(response) {
  const candidate = response.candidates[0];
  const parts = candidate.content?.parts ?? [];
  const images = parts.filter((part) => part.inlineData && !part.thought);
  return {
    sizes: images.map((part) => size(part.inlineData.data)),
    signed: images.map((part) => Boolean(part.thoughtSignature)),
    text: parts.filter((part) => part.text && !part.thought).map((part) => part.text).join(''),
    finish: candidate.finishReason,
    version: response.modelVersion,
    tokens: response.usageMetadata.candidatesTokenCount,
  };
}

const generate = async (contents, config, model = MODEL, asking = client) =>
  seen(await asking.models.generateContent({ model, contents, config }));

function pictures(response) {
  return { sizes: response.generatedImages.map((one) => size(one.image.imageBytes)) };
}

const interacted = (one) => ({
  sizes: one.steps
    .filter((step) => step.type === 'model_output')
    .flatMap((step) => step.content)
    .filter((part) => part.type === 'image')
    .map((part) => size(part.data)),
  status: one.status,
});

const calls = {
  text_to_image: () => generate('a red cat next to a tree'),
  ratio_and_size: () => generate('a blue car', { imageConfig: { aspectRatio: '16:9', imageSize: '2K' } }),
  edit: () => generate([inline(red), 'make it grey']),
  edit_several: () => generate([inline(red), inline(blue), 'put both side by side']),
  async several_turns() {
    const chat = client.chats.create({ model: MODEL });
    const answers = [];
    for (const message of [SCENE, NIGHT]) answers.push(seen(await chat.sendMessage({ message })));
    return answers;
  },
  async stream() {
    const sizes = [];
    let last, chunks = 0;
    for await (const chunk of await client.models.generateContentStream({ model: MODEL, contents: 'a sailboat' })) {
      last = chunk;
      chunks += 1;
      for (const part of chunk.candidates?.[0]?.content?.parts ?? []) {
        if (part.inlineData) sizes.push(size(part.inlineData.data));
      }
    }
    return {
      sizes, chunks, finish: last.candidates[0].finishReason, tokens: last.usageMetadata.candidatesTokenCount,
    };
  },
  only_image: () => generate('a moon', { responseModalities: ['IMAGE'] }),
  async thoughts() {
    const config = { thinkingConfig: { includeThoughts: true } };
    const response = await client.models.generateContent({ model: MODEL, contents: 'two dogs', config });
    return response.candidates[0].content.parts.filter((part) => part.thought).map((part) => part.text);
  },
  count_tokens: async () =>
    (await client.models.countTokens({ model: MODEL, contents: 'a red cat' })).totalTokens,
  async models() {
    const listed = [];
    for await (const one of await client.models.list({ config: { pageSize: 2 } })) listed.push(one.name);
    return { listed, got: (await client.models.get({ model: MODEL })).name };
  },
  async files() {
    const path = `${await mkdtemp(`${tmpdir()}/red-`)}/red.png`;
    await writeFile(path, red);
    const file = await client.files.upload({ file: path, config: { mimeType: 'image/png' } });
    const listed = [];
    for await (const one of await client.files.list()) listed.push(one.name);
    const answer = await generate([{ fileData: { fileUri: file.uri, mimeType: file.mimeType } }, 'make it grey']);
    await client.files.delete({ name: file.name });
    const gone = await client.files.get({ name: file.name }).then(() => null, (error) => error.status);
    return { ...answer, file: [file.sizeBytes, file.mimeType], listed: listed.includes(file.name), gone };
  },
  async interactions() {
    const first = await client.interactions.create({ model: MODEL, input: SCENE });
    const second = await client.interactions.create({
      model: MODEL, input: NIGHT, previous_interaction_id: first.id,
    });
    return [first, second, await client.interactions.get(first.id)].map(interacted);
  },
  async interactions_stream() {
    const events = [];
    const stream = await client.interactions.create({ model: MODEL, input: 'a sailboat', stream: true });
    for await (const event of stream) events.push(event.event_type);
    return events;
  },
  imagen_generate: async () => pictures(await client.models.generateImages({
    model: 'imagen-4.0-generate-001',
    prompt: 'a red cube',
    config: { numberOfImages: 2, aspectRatio: '16:9' },
  })),
  async imagen_edit() {
    const raw = new RawReferenceImage();
    Object.assign(raw, { referenceId: 1, referenceImage: still(red) });
    const area = new MaskReferenceImage();
    Object.assign(area, { referenceId: 2, config: { maskMode: 'MASK_MODE_BACKGROUND', maskDilation: 0 } });
    return pictures(await client.models.editImage({
      model: 'imagen-3.0-capability-001',
      prompt: 'a green hill',
      referenceImages: [raw, area],
      config: { editMode: 'EDIT_MODE_INPAINT_INSERTION', numberOfImages: 1 },
    }));
  },
  imagen_upscale: async () => pictures(await client.models.upscaleImage({
    model: 'imagen-4.0-upscale-preview', image: still(red), upscaleFactor: 'x2',
  })),
  no_picture: () => generate('What is your name?'),
  old_id: () => generate('a cat', undefined, `${MODEL}-preview`),
  wrong_value: () => generate('a cat', { imageConfig: { aspectRatio: '9:21' } }),
  unknown_model: () => generate('a cat', undefined, 'gemini-9-image'),
  truncated_picture: () => generate([inline(cut), 'grey']),
  too_many_pictures: () => generate([...Array(15).fill(inline(red)), 'collage']),
  bad_key: () => generate('a cat', undefined, MODEL, makeClient(BAD_KEY)),
};

await run(calls, {
  folder: target.environment,
  said: (error) => (error instanceof ApiError || error?.status
    ? { code: error.status, message: error.message }
    : null),
});
