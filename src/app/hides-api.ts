/** The part of ParleyApi about what is hidden in open rooms, by oneself and by those one follows there. */

/** hide: say in the room that one hides somebody · follow: hide whom somebody hides; and the opposite. */
export type ModerationRule = "hide" | "unhide" | "follow" | "unfollow";

export interface HideInfo {
  /** Identity, hex; what it is called here; its fingerprint. */
  readonly author: string;
  readonly name: string;
  readonly fingerprint: string;
  /** Who hides them, this person among them. */
  readonly by: readonly string[];
}

export interface ModerationInfo {
  readonly room: string;
  readonly followed: readonly { readonly author: string; readonly name: string }[];
  readonly hidden: readonly HideInfo[];
}

/** What a rule does, or would do. */
export interface ModerationResult extends ModerationInfo {
  /** False in a preview. */
  readonly done: boolean;
  /** Messages among the newest 10,000 that are shown now and would not be; of an undoing rule, the other way round. */
  readonly changed: readonly {
    readonly author: string;
    readonly name: string;
    readonly messages: number;
    /** "bob hides them" */
    readonly why: string;
  }[];
}

export interface HidesApi {
  /** @throws `not-open` in a room that has an owner: ranks decide there */
  moderation(request: { room: string }): Promise<ModerationInfo>;
  /** Applies a rule, or with `dryRun` says what it would do. @throws `not-open`, `unknown-person`, `ignore-self`, `too-many-followed` */
  moderate(request: {
    room: string;
    rule: ModerationRule;
    who: string;
    dryRun?: boolean;
  }): Promise<ModerationResult>;
}
