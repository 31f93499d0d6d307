// A bot by grammY, for the emulator of Telegram: it does what SIDEM does, by another
// library. It ends when it is told "adiós".
import { Bot, InlineKeyboard, InputFile } from "grammy";

const { TOKEN, API } = process.env;
const bot = new Bot(TOKEN, { client: { apiRoot: API } });

bot.command("start", (ctx) =>
  ctx.reply(`<b>Hola</b>, ${ctx.from.first_name} (${ctx.match})`, {
    parse_mode: "HTML",
    reply_markup: new InlineKeyboard().text("Liberar", "go:1").row().url("Consultar", "https://sidem.example/v/1"),
  }),
);
bot.callbackQuery("go:1", async (ctx) => {
  await ctx.answerCallbackQuery({ text: "Liberada" });
  await ctx.editMessageText("<b>Liberada</b>", { parse_mode: "HTML" });
  // The second time nothing changes, and the library has to be told so in Telegram's words.
  await ctx.editMessageText("<b>Liberada</b>", { parse_mode: "HTML" }).catch((e) => ctx.reply(e.description));
});
bot.on("message:document", async (ctx) => {
  const file = await ctx.getFile();
  const answer = await fetch(`${API}/file/bot${TOKEN}/${file.file_path}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  await ctx.replyWithDocument(new InputFile(bytes, ctx.message.document.file_name), {
    caption: `${bytes.length} bytes, ${ctx.message.document.mime_type}`,
  });
});
bot.hears("adiós", async (ctx) => {
  await ctx.reply("Adiós", { reply_parameters: { message_id: ctx.message.message_id } });
  await bot.stop();
});

await bot.api.setMyCommands([{ command: "mis", description: "Lo que le toca" }], { scope: { type: "all_private_chats" } });
await bot.start({ allowed_updates: ["message", "callback_query", "my_chat_member"] });
