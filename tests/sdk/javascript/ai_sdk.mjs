// Vercel's AI SDK with its providers: @ai-sdk/google (developer), @ai-sdk/google-vertex with a key
// (express) or an access token (account), and @ai-sdk/openai-compatible (compatible).
import { APICallError, RetryError, generateImage, generateText, streamText } from 'ai';
import { createGoogle } from '@ai-sdk/google';
import { createGoogleVertex } from '@ai-sdk/google-vertex';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { OAuth2Client } from 'google-auth-library';
import { BAD_KEY, MODEL, NIGHT, SCENE, blue, cut, mask, red, run, size, target } from './program.mjs';

globalThis.AI_SDK_LOG_WARNINGS = false;

const PROVIDERS = {
  developer: (apiKey) => createGoogle({ baseURL: `${target.url}/v1beta`, apiKey }),
  express: (apiKey) => createGoogleVertex({ baseURL: `${target.url}/v1/publishers/google`, apiKey }),
  account(_, project = target.project) {
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: target.token });
    return createGoogleVertex({
      project,
      location: 'global',
      baseURL: `${target.url}/v1/projects/${project}/locations/global/publishers/google`,
      googleAuthOptions: { authClient },
    });
  },
  compatible: (apiKey) => createOpenAICompatible({ name: 'pisang', baseURL: `${target.url}/v1`, apiKey }),
};
const makeProvider = (key = target.key, project) => PROVIDERS[target.mode](key, project);
const provider = makeProvider();
const compatible = target.mode === 'compatible';
const optionsKey = target.mode === 'developer' ? 'google' : 'googleVertex';
const image = (id = MODEL, from = provider) => (compatible ? from.imageModel(id) : from.image(id));
const speaking = compatible ? makeProvider(target.markdownKey) : provider;
const language = (id = MODEL, from = speaking) => from(id);

const pictured = (result) => ({ sizes: result.images.map((one) => size(one.uint8Array)) });
// Chat completions of the compatible provider have text only: its key asks for pictures as Markdown.
const inText = (text) => [...text.matchAll(/data:image\/\w+;base64,([\w+/=]+)/g)].map((found) => size(found[1]));
const seen = (result) => ({
  sizes: compatible ? inText(result.text) : result.files.map((one) => size(one.uint8Array)),
  text: result.text.replace(/!\[.*?\]\(data:.*?\)/g, ''),
  finish: result.finishReason,
  tokens: result.usage.outputTokens,
});
const ask = async (content, options = {}, model = language()) => seen(await generateText({
  model, maxRetries: 0, messages: [{ role: 'user', content }], ...options,
}));
const picture = (data) => ({ type: 'file', data, mediaType: 'image/png' });
const draw = async (prompt, options = {}, model = image()) =>
  pictured(await generateImage({ model, prompt, maxRetries: 0, ...options }));
const configured = (imageConfig) => ({ providerOptions: { [optionsKey]: { imageConfig } } });

// Pictures from a language model (Google's providers) ...
const words = {
  text_to_image: () => ask('a red cat next to a tree'),
  ratio_and_size: () => ask('a blue car', configured({ aspectRatio: '16:9', imageSize: '2K' })),
  edit: () => ask([picture(red), { type: 'text', text: 'make it grey' }]),
  async several_turns() {
    const messages = [], answers = [];
    for (const content of [SCENE, NIGHT]) {
      messages.push({ role: 'user', content });
      const result = await generateText({ model: language(), maxRetries: 0, messages });
      messages.push(...result.response.messages);
      answers.push(seen(result));
    }
    return answers;
  },
  async stream() {
    const result = streamText({ model: language(), maxRetries: 0, prompt: 'a sailboat', onError() {} });
    let chunks = 0;
    for await (const _ of result.fullStream) chunks += 1;
    const [files, text] = [await result.files, await result.text];
    return {
      chunks,
      sizes: compatible ? inText(text) : files.map((one) => size(one.uint8Array)),
      finish: await result.finishReason,
      tokens: (await result.usage).outputTokens,
    };
  },
  image_model: () => draw('a red cat next to a tree', { aspectRatio: '16:9' }),
  image_model_edit: () => draw({ text: 'make it grey', images: [red] }),
  imagen_generate: () => draw('a red cube', { n: 2, aspectRatio: '16:9' }, image('imagen-4.0-generate-001')),
  old_id: () => ask('a cat', {}, language(`${MODEL}-preview`)),
  wrong_value: () => ask('a cat', configured({ aspectRatio: '9:21' })),
  unknown_model: () => ask('a cat', {}, language('gemini-9-image')),
  truncated_picture: () => ask([picture(cut), { type: 'text', text: 'make it grey' }]),
  too_many_pictures: () => ask([...Array(15).fill(picture(red)), { type: 'text', text: 'collage' }]),
  unsupported_value: () =>
    ask('a cat', configured({ imageSize: '4K' }), language('gemini-2.5-flash-image')),
  bad_key: () => ask('a cat', {}, language(MODEL, makeProvider(BAD_KEY))),
  another_project: () => ask('a cat', {}, language(MODEL, makeProvider(target.key, 'somebody-elses'))),
};

// ... and from an image model (the OpenAI-compatible provider).
const images = {
  text_to_image: () => draw('a red cat next to a tree'),
  ratio_and_size: () => draw('a blue car', { size: '2752x1536' }),
  several: () => draw('a red cat', { n: 2 }),
  edit: () => draw({ text: 'make it grey', images: [red] }),
  edit_several: () => draw({ text: 'make it grey', images: [red, blue] }),
  edit_mask: () => draw({ text: 'make it grey', images: [red], mask }),
  several_turns: words.several_turns,
  stream: words.stream,
  old_id: () => draw('a cat', {}, image(`${MODEL}-preview`)),
  wrong_value: () => draw('a cat', { size: '9:21' }),
  unknown_model: () => draw('a cat', {}, image('gemini-9-image')),
  truncated_picture: () => draw({ text: 'make it grey', images: [cut] }),
  too_many_pictures: () => draw({ text: 'make it grey', images: Array(15).fill(red) }),
  bad_key: () => draw('a cat', {}, image(MODEL, makeProvider(BAD_KEY))),
};

await run(compatible ? images : words, {
  folder: { developer: '@ai-sdk/google', compatible: '@ai-sdk/openai-compatible' }[target.mode]
    ?? '@ai-sdk/google-vertex',
  said(error) {
    const below = RetryError.isInstance(error) ? error.lastError : error;
    if (!APICallError.isInstance(below)) return null;
    return { code: below.statusCode, message: below.message, details: below.responseBody };
  },
});
