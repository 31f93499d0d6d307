// What SIDEM's claims are of: the types of others, as they are, but for the places
// where Slack's let any block pass ("KnownBlock | Block").
import type { ApiMethods } from "@grammyjs/types";
import type { RespondArguments, ViewResponseAction } from "@slack/bolt";
import type { HomeView, KnownBlock, ModalView } from "@slack/types";
import type { AppsManifestCreateArguments, WebClient } from "@slack/web-api";

/** A file in a request. */
export interface Upload {
  readonly bytes: unique symbol;
}
export declare const upload: Upload;

type Argument<F> = F extends (argument: infer A) => unknown ? NonNullable<A> : never;

/** The request and the result of a method of the Bot API. */
export type Telegram<M extends keyof ApiMethods<Upload>> = Argument<ApiMethods<Upload>[M]>;
export type TelegramResult<M extends keyof ApiMethods<Upload>> = ReturnType<ApiMethods<Upload>[M]>;

type At<T, Path extends string> = Path extends `${infer Head}.${infer Rest}`
  ? Head extends keyof T
    ? At<T[Head], Rest>
    : never
  : Path extends keyof T
    ? T[Path]
    : never;

/** The request of a method of the Web API: Slack<"chat.postMessage">. */
export type Slack<M extends string> = Argument<At<WebClient, M>>;

export type Blocks = KnownBlock[];
interface Modal extends Omit<ModalView, "blocks"> {
  blocks: Blocks;
}
interface Home extends Omit<HomeView, "blocks"> {
  blocks: Blocks;
}
export type View = Modal | Home;

/** What an acknowledgement may hold, by what it acknowledges. */
export interface Answer {
  view_submission: ViewResponseAction;
  slash_commands: RespondArguments;
}

type Known<T> = { [K in keyof T as string extends K ? never : K]: T[K] };
export type Manifest = Known<AppsManifestCreateArguments["manifest"]>;
