// An app by Bolt, for the emulator of Slack: it does what SIDEM does, by another
// library, over Socket Mode or, with a SECRET, by signed requests. It ends when it is
// told "adiós".
import bolt from "@slack/bolt";

const { BOT_TOKEN, APP_TOKEN, SECRET, API } = process.env;
const paths = ["/slack/events", "/slack/interactions", "/slack/commands"];
const app = new bolt.App({
  token: BOT_TOKEN,
  clientOptions: { slackApiUrl: API, retryConfig: { retries: 0 } },
  ...(SECRET ? { signingSecret: SECRET, endpoints: paths } : { appToken: APP_TOKEN, socketMode: true }),
});
const section = (text) => ({ type: "section", text: { type: "mrkdwn", text } });

app.command("/sidem", async ({ ack, client, command }) => {
  await ack({ response_type: "ephemeral", text: `Recibí: ${command.text}` });
  await client.views.open({
    trigger_id: command.trigger_id,
    view: {
      type: "modal",
      callback_id: "form",
      private_metadata: command.channel_id,
      title: { type: "plain_text", text: "Nueva solicitud" },
      submit: { type: "plain_text", text: "Enviar" },
      blocks: [
        { type: "input", block_id: "subject", label: { type: "plain_text", text: "Asunto" }, element: { type: "plain_text_input", action_id: "value" } },
      ],
    },
  });
});
app.view("form", async ({ ack, client, view }) => {
  const subject = view.state.values.subject.value.value;
  if (subject.length < 5) {
    await ack({ response_action: "errors", errors: { subject: "Es muy corto." } });
    return;
  }
  await ack();
  await client.chat.postMessage({
    channel: view.private_metadata,
    text: subject,
    blocks: [
      section(`*${subject}*`),
      { type: "actions", elements: [{ type: "button", action_id: "release", value: "1", style: "primary", text: { type: "plain_text", text: "Liberar" } }] },
    ],
  });
});
app.action("release", async ({ ack, body, client, action }) => {
  await ack();
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: "Liberada", blocks: [section(`*Liberada* (${action.value})`)] });
});
app.event("app_home_opened", ({ client, event }) =>
  client.views.publish({ user_id: event.user, view: { type: "home", blocks: [section("Lo que le toca")] } }),
);
app.message(async ({ client, message, say }) => {
  for (const file of message.files ?? []) {
    const answer = await fetch(file.url_private_download, { headers: { authorization: `Bearer ${BOT_TOKEN}` }, redirect: "error" });
    const bytes = Buffer.from(await answer.arrayBuffer());
    await client.filesUploadV2({ channel_id: message.channel, file: bytes, filename: file.name, initial_comment: `${bytes.length} bytes` });
  }
  if (message.text !== "adiós") {
    return;
  }
  await say({ text: "Adiós", thread_ts: message.ts });
  // A connection that was opened and never used would hold the end up.
  setTimeout(() => server?.closeAllConnections(), 1000);
  await app.stop();
  process.exit(0);
});
app.error(async (error) => {
  console.error(error);
  process.exit(1);
});

let server; // that listens, where it does
if (SECRET) {
  server = await app.start({ port: 0, host: "127.0.0.1" });
  console.log(`port ${server.address().port}`);
} else {
  await app.start();
}
