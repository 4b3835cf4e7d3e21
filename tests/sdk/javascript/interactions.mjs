// Google's Interactions API as the JavaScript SDK uses it; both versions here read steps.
import { BAD_KEY, MODEL, NIGHT, SCENE, red, run, size, target } from './program.mjs';

const { GoogleGenAI } = await import(target.environment);

const makeClient = (apiKey = target.key) =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: target.url } });

const client = makeClient();
const { interactions } = client;

const contents = (made) =>
  made.steps.filter((step) => step.type === 'model_output').flatMap((step) => step.content);

const pictures = (made) => contents(made).filter((content) => content.type === 'image');

const seen = (made) => ({
  status: made.status,
  model: made.model,
  sizes: pictures(made).map((picture) => size(picture.data)),
  text: contents(made).filter((one) => one.type === 'text').map((one) => one.text).join(''),
  signed: made.steps.some((step) => step.type === 'thought' && step.signature),
  tokens: made.usage.total_tokens,
  modalities: made.usage.output_tokens_by_modality.map((row) => row.modality),
});

async function all(stream) {
  const events = [];
  for await (const event of await stream) events.push(event);
  return events;
}

const calls = {
  async create() {
    return seen(await interactions.create({ model: MODEL, input: SCENE }));
  },
  async form() {
    const old = await interactions.create({
      model: MODEL,
      input: 'a red cube',
      generation_config: { image_config: { aspect_ratio: '16:9', image_size: '1K' } },
      response_modalities: ['image'],
    });
    const made = await interactions.create({
      model: MODEL,
      input: 'a red cube',
      response_format: { type: 'image', aspect_ratio: '16:9', mime_type: 'image/jpeg' },
    });
    return [seen(old), seen(made), pictures(made)[0].mime_type];
  },
  async edit() {
    const data = red.toString('base64');
    const input = [
      { type: 'text', text: 'Add a hat' },
      { type: 'image', data, mime_type: 'image/png' },
    ];
    return seen(await interactions.create({ model: MODEL, input }));
  },
  async continued() {
    const first = await interactions.create({ model: MODEL, input: SCENE });
    const previous = { previous_interaction_id: first.id };
    const second = await interactions.create({ model: MODEL, input: NIGHT, ...previous });
    const found = await interactions.get(second.id);
    const same = found.previous_interaction_id === first.id;
    return [seen(first), seen(second), seen(found), same];
  },
  async stateless() {
    const first = await interactions.create({ model: MODEL, input: SCENE, store: false });
    const [before, now] = [SCENE, NIGHT].map((text) => ({
      type: 'user_input', content: [{ type: 'text', text }],
    }));
    const input = [before, ...first.steps, now];
    return seen(await interactions.create({ model: MODEL, input, store: false }));
  },
  async stream() {
    const events = await all(interactions.create({
      model: MODEL,
      input: 'a sailboat',
      stream: true,
      generation_config: { thinking_summaries: 'auto' },
    }));
    const deltas = events.filter((one) => one.event_type === 'step.delta').map((one) => one.delta);
    const last = events.at(-1).interaction;
    return {
      names: events.map((event) => event.event_type),
      deltas: deltas.map((delta) => delta.type),
      sizes: deltas.filter((delta) => delta.type === 'image').map((delta) => size(delta.data)),
      status: last.status,
      tokens: last.usage.total_tokens,
    };
  },
  async resumed() {
    const input = { model: MODEL, input: 'a sailboat', stream: true };
    const names = (events) => events.map((event) => event.event_type);
    const events = await all(interactions.create(input));
    const last = events.slice(4).find((event) => event.event_id).event_id;
    const rest = await all(interactions.get(
      events[0].interaction.id, { stream: true, last_event_id: last },
    ));
    return names(rest).join() === names(events).slice(-rest.length).join();
  },
  async background() {
    let made = await interactions.create({ model: MODEL, input: SCENE, background: true });
    const began = made.status;
    for (let count = 0; count < 200 && made.status === 'in_progress'; count += 1) {
      await new Promise((done) => { setTimeout(done, 100); });
      made = await interactions.get(made.id);
    }
    return [began, seen(made)];
  },
  async cancelled() {
    const made = await interactions.create({
      model: 'gemini-3-pro-image',
      input: SCENE,
      background: true,
      generation_config: { image_config: { image_size: '4K' } },
    });
    return (await interactions.cancel(made.id)).status;
  },
  async deleted() {
    const made = await interactions.create({ model: MODEL, input: SCENE });
    await interactions.delete(made.id);
    return interactions.get(made.id);
  },
  async by_link() {
    const form = { type: 'image', delivery: 'uri' };
    const made = await interactions.create({
      model: MODEL, input: 'a red cube', response_format: form,
    });
    return pictures(made).map((picture) => picture.uri);
  },
  async wrong_value() {
    const config = { image_config: { aspect_ratio: '7:5' } };
    return interactions.create({ model: MODEL, input: 'x', generation_config: config });
  },
  async unknown_model() {
    return interactions.create({ model: 'gemini-9', input: 'x' });
  },
  async bad_key() {
    return makeClient(BAD_KEY).interactions.create({ model: MODEL, input: 'x' });
  },
};

const status = (error) => error.status ?? error.statusCode ?? error.httpMeta?.response?.status;

const said = (error) => status(error) && {
  status: status(error), message: error.message,
};

await run(calls, { folder: target.environment, said });
