// What Google's and OpenAI's JavaScript SDKs make of faults: the class and status that they raise,
// or what came back. Prints one JSON object.
import OpenAI from 'openai';

const target = JSON.parse(process.argv[2]);
const MODEL = 'gemini-3-pro-image';

async function outcome(work) {
  try {
    return await work();
  } catch (error) {
    return { raised: error.constructor.name, status: error.status ?? null, message: error.message };
  }
}

function google({ ApiError, GoogleGenAI }, fault, stream) {
  const headers = { 'x-pisang-fault': fault };
  const client = new GoogleGenAI({
    apiKey: target.key,
    vertexai: false,
    httpOptions: { baseUrl: target.url, headers },
  });
  const asked = { model: MODEL, contents: 'a cat' };
  const shown = (response) => ({
    finish: response.candidates?.[0]?.finishReason ?? null,
    blocked: response.promptFeedback?.blockReason ?? null,
    pictures: (response.candidates?.[0]?.content?.parts ?? []).filter(
      (part) => part.inlineData && !part.thought,
    ).length,
  });
  return outcome(async () => {
    if (!stream) return shown(await client.models.generateContent(asked));
    let last = null;
    for await (const chunk of await client.models.generateContentStream(asked)) last = chunk;
    return shown(last);
  });
}

function openai(fault, maxRetries) {
  const client = new OpenAI({ baseURL: `${target.url}/v1`, apiKey: target.key, maxRetries });
  const asked = { model: 'gemini-3.1-flash-image', prompt: 'a cat' };
  const headers = { 'x-pisang-fault': fault };
  return outcome(async () => (await client.images.generate(asked, { headers })).data.length);
}

const told = {};
for (const package_ of target.packages) {
  const genai = await import(package_);
  for (const [fault, stream] of target.google) {
    told[`${package_} ${fault} ${stream ? 'stream' : 'whole'}`] = await google(genai, fault, stream);
  }
}
for (const [fault, retries] of target.openai) told[`openai ${fault}`] = await openai(fault, retries);
console.log(JSON.stringify(told));
process.exit(0);
