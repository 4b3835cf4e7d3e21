// OpenAI's JavaScript SDK on either base address: `v1` as OpenAI's own, `v1beta/openai` as Google's
// layer (the mode is the path).
import OpenAI, { APIError, toFile } from 'openai';
import { BAD_KEY, MODEL, NIGHT, SCENE, blue, cut, mask, red, run, size, target } from './program.mjs';

const makeClient = (apiKey = target.key) =>
  new OpenAI({ baseURL: `${target.url}/${target.mode}`, apiKey, maxRetries: 0 });
const client = makeClient();
const tools = [{ type: 'image_generation' }];

const file = (data, name = 'picture.png') => toFile(data, name, { type: 'image/png' });
const seen = (answer) => ({ sizes: answer.data.map((one) => size(one.b64_json)), tokens: answer.usage?.output_tokens });
const generate = async (prompt, options, asking = client) =>
  seen(await asking.images.generate({ model: MODEL, prompt, ...options }));

async function change(pictures, options) {
  const files = await Promise.all(pictures.map((picture, number) => file(picture, `${number}.png`)));
  const image = files.length > 1 ? files : files[0];
  return seen(await client.images.edit({ model: MODEL, image, prompt: 'make it grey', ...options }));
}

const drawn = (images) => (images ?? []).map((one) => size(one.image_url.url.split(',')[1]));
const talked = (choice) => ({
  sizes: drawn(choice.message.images), text: choice.message.content ?? '', finish: choice.finish_reason,
});
const talk = async (messages, options) =>
  (await client.chat.completions.create({ model: MODEL, messages, ...options })).choices[0];
const made = (response) => ({
  sizes: response.output.filter((item) => item.type === 'image_generation_call').map((item) => size(item.result)),
  text: response.output_text,
  status: response.status,
});

const calls = {
  text_to_image: () => generate('a red cat next to a tree'),
  ratio_and_size: () => generate('a blue car', { size: '2752x1536' }),
  ratio_and_size_words: () => generate('a blue car', { size: '2K', aspect_ratio: '16:9' }),
  named_size: () => generate('a blue car', { size: '1536x1024' }),
  several: () => generate('a red cat', { n: 2 }),
  async as_url() {
    const answer = await client.images.generate({ model: MODEL, prompt: 'a red cat', response_format: 'url' });
    const picture = await (await fetch(answer.data[0].url)).arrayBuffer();
    return { sizes: [size(new Uint8Array(picture))] };
  },
  edit: () => change([red]),
  edit_mask: async () => change([red], { mask: await file(mask, 'mask.png') }),
  edit_several: () => change([red, blue]),
  variation: async () =>
    seen(await client.images.createVariation({ model: MODEL, image: await file(red), n: 1, size: '1024x1024' })),
  async stream() {
    const events = [];
    const stream = await client.images.generate({
      model: MODEL, prompt: 'a sailboat', stream: true, partial_images: 1,
    });
    for await (const event of stream) events.push(event);
    const last = events.at(-1);
    return { chunks: events.length, sizes: [size(last.b64_json)], tokens: last.usage.output_tokens };
  },
  async several_turns() {
    const messages = [], answers = [];
    for (const content of [SCENE, NIGHT]) {
      messages.push({ role: 'user', content });
      const choice = await talk(messages);
      messages.push(choice.message);
      answers.push(talked(choice));
    }
    return answers;
  },
  async chat_edit() {
    const url = `data:image/png;base64,${red.toString('base64')}`;
    const content = [{ type: 'text', text: 'make it grey' }, { type: 'image_url', image_url: { url } }];
    return talked(await talk([{ role: 'user', content }]));
  },
  async chat_ratio() {
    const google = { image_config: { aspect_ratio: '16:9', image_size: '2K' } };
    return talked(await talk([{ role: 'user', content: 'a blue car' }], { extra_body: { google } }));
  },
  async chat_stream() {
    const sizes = [];
    let chunks = 0, finish = null, tokens = 0;
    const stream = await client.chat.completions.create({
      model: MODEL,
      messages: [{ role: 'user', content: 'a sailboat' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      chunks += 1;
      sizes.push(...drawn(chunk.choices[0]?.delta.images));
      finish = chunk.choices[0]?.finish_reason ?? finish;
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    return { chunks, sizes, finish, tokens };
  },
  async responses() {
    const first = await client.responses.create({ model: MODEL, input: SCENE, tools });
    const second = await client.responses.create({
      model: MODEL, input: NIGHT, tools, previous_response_id: first.id,
    });
    const turns = [first, second, await client.responses.retrieve(first.id)].map(made);
    await client.responses.delete(second.id);
    const gone = await client.responses.retrieve(second.id).then(() => null, (error) => error.status);
    return { turns, gone };
  },
  async responses_stream() {
    const events = [];
    const stream = await client.responses.create({ model: MODEL, input: 'a sailboat', tools, stream: true });
    for await (const event of stream) events.push(event);
    return { events: events.map((event) => event.type), ...made(events.at(-1).response) };
  },
  async models() {
    const listed = [];
    for await (const one of client.models.list()) listed.push(one.id);
    return { listed, got: (await client.models.retrieve(MODEL)).id };
  },
  no_picture: () => generate('What is your name?'),
  old_id: () => generate('a cat', { model: `${MODEL}-preview` }),
  wrong_value: () => generate('a cat', { size: '9:21' }),
  unknown_model: () => generate('a cat', { model: 'gemini-9-image' }),
  truncated_picture: () => change([cut]),
  too_many_pictures: () => change(Array(15).fill(red)),
  bad_key: () => generate('a cat', {}, makeClient(BAD_KEY)),
};

await run(calls, {
  folder: 'openai',
  said: (error) => (error instanceof APIError && error.status
    ? { code: error.status, message: error.message, details: error.error }
    : null),
});
