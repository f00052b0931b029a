/** Group commit by itself, on a disk that says what it was asked, and answers when it is told to. */
import { describe, expect, it } from "vitest";
import { type CommitEntry, GroupCommit } from "../../../bridge/store/groupCommit.ts";

const entry = (name: string): CommitEntry => ({ line: name });

/** Long enough for all that follows in this turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Notes what happens, in order; a write stays under way until `answer`, and one of `bad` fails at once. */
class Scene {
  readonly happened: string[] = [];
  readonly commit: GroupCommit<CommitEntry>;
  mayFollow = true;
  #answers: ((error?: Error) => void)[] = [];

  constructor() {
    this.commit = new GroupCommit<CommitEntry>({
      write: (bytes) => {
        this.happened.push(`write ${bytes}`);
        if (String(bytes) === "bad") return Promise.reject(new Error("EIO"));
        return new Promise((resolve, reject) => {
          this.#answers.push((error) => (error === undefined ? resolve() : reject(error)));
        });
      },
      mayFollow: () => this.mayFollow,
      onCommitted: (batch) => this.happened.push(`told ${batch.map(({ line }) => line).join("")}`),
      onFailed: () => {
        this.happened.push("failed");
        return new Error("the disk");
      },
      afterBatch: async () => void this.happened.push("after"),
    });
  }

  enqueue(name: string): void {
    this.commit.enqueue([entry(name)]).then(
      () => this.happened.push(`done ${name}`),
      () => this.happened.push(`refused ${name}`),
    );
  }

  /** The disk is done with what it was asked first. Answers what has happened since the last call. */
  async answer(error?: Error): Promise<string[]> {
    this.#answers.shift()?.(error);
    await turn();
    return this.happened.splice(0);
  }
}

describe("the next batch", () => {
  it("is with the disk before the last one is told", async () => {
    const scene = new Scene();
    scene.enqueue("a");
    await turn();
    scene.enqueue("b");
    scene.enqueue("c");
    expect(await scene.answer()).toEqual(["write a", "write bc", "told a", "done a"]);
    expect(await scene.answer()).toEqual(["told bc", "done b", "done c"]);
    await scene.commit.idle();
  });

  it("waits where something has to come first", async () => {
    const scene = new Scene();
    scene.mayFollow = false;
    scene.enqueue("a");
    await turn();
    scene.enqueue("b");
    expect(await scene.answer()).toEqual(["write a", "told a", "after", "done a", "write b"]);
  });

  it("waits for what is to run while nothing is written", async () => {
    const scene = new Scene();
    scene.enqueue("a");
    await turn();
    scene.enqueue("b");
    await scene.answer();
    scene.enqueue("c");
    let finish = () => {};
    const between = scene.commit.between(() => {
      scene.happened.push("between");
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    expect(await scene.answer()).toEqual(["told b", "after", "done b", "between"]);
    finish();
    await between;
    expect(await scene.answer()).toEqual(["write c"]);
  });

  it("fails by itself: what was told before it stands", async () => {
    const scene = new Scene();
    scene.enqueue("a");
    await turn();
    scene.enqueue("b");
    await scene.answer();
    scene.enqueue("c");
    expect(await scene.answer(new Error("EIO"))).toEqual(["failed", "refused b", "refused c"]);
    scene.enqueue("d");
    await turn();
    expect(await scene.answer()).toEqual(["write d", "told d", "done d"]);
  });

  it("can fail before anybody waits for it", async () => {
    const scene = new Scene();
    scene.enqueue("a");
    await turn();
    scene.enqueue("bad");
    expect(await scene.answer()).toEqual(["write a", "write bad", "told a", "done a", "failed", "refused bad"]);
  });
});
