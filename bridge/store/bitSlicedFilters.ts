/**
 * Owns many Bloom filters that are asked at once which of them may have a text: a bit-sliced signature file. Filters of
 * one size are kept 32 a block, which is asked about as fast as two filters are; fewer than that are asked one by one.
 */
import { BitSlicedBlock, COLUMNS, canBeSliced, type KeyedFilter } from "./bitSlicedBlock.ts";
import { type BloomFilter, type BloomHash, bitPosition, HASHES } from "./bloomFilter.ts";

/** The filters of one size. */
interface SizeClass {
  readonly size: number;
  readonly blocks: BitSlicedBlock[];
  /** Fewer than fill a block, except where the size does not allow one. */
  readonly single: KeyedFilter[];
}

export class BitSlicedFilters {
  /** By size. */
  readonly #classes = new Map<number, SizeClass>();
  /** By key. */
  readonly #classOf = new Map<number, SizeClass>();
  /** Of one hash in one size; made once. */
  readonly #positions = new Uint32Array(HASHES);

  /** The keys of the filters that may have the text. */
  whichMayHave(hash: BloomHash): number[] {
    const found: number[] = [];
    const positions = this.#positions;
    for (const { size, blocks, single } of this.#classes.values()) {
      const [only] = single;
      if (only !== undefined && single.length === 1 && blocks.length === 0) {
        // It looks at two positions, as a rule, where there are twelve to work out.
        if (only.filter.mayHave(hash)) found.push(only.key);
        continue;
      }
      for (let index = 0; index < HASHES; index++) positions[index] = bitPosition(hash, index, size);
      for (const { key, filter } of single) if (filter.mayHaveAt(positions)) found.push(key);
      for (const block of blocks) block.collect(positions, found);
    }
    return found;
  }

  /** In the place of what is known by the key. The filter's memory is taken over. */
  set(key: number, filter: BloomFilter): void {
    this.delete(key);
    const { size } = filter;
    const own = this.#classes.get(size) ?? { size, blocks: [], single: [] };
    this.#classes.set(size, own);
    this.#classOf.set(key, own);
    const { blocks, single } = own;
    const block = blocks.find(({ isFull }) => !isFull);
    if (block !== undefined) {
      block.add({ key, filter });
      return;
    }
    single.push({ key, filter });
    if (single.length === COLUMNS && canBeSliced(size)) blocks.push(new BitSlicedBlock(single.splice(0)));
  }

  delete(key: number): void {
    const own = this.#classOf.get(key);
    if (own === undefined) return;
    this.#classOf.delete(key);
    const { size, blocks, single } = own;
    const position = single.findIndex((each) => each.key === key);
    if (position !== -1) single.splice(position, 1);
    else removeFrom(blocks, key);
    if (blocks.length + single.length === 0) this.#classes.delete(size);
  }
}

function removeFrom(blocks: BitSlicedBlock[], key: number): void {
  const position = blocks.findIndex((block) => block.remove(key));
  if (blocks[position]?.isEmpty === true) blocks.splice(position, 1);
}
