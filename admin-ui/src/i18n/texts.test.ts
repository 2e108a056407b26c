import { expect, test } from "vitest";
import { de } from "./de";
import { en } from "./en";

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : flat(value, `${path}${key}.`),
  );
}

test("every language says the same with the same values filled in", () => {
  const english = new Map(flat(en as unknown as Tree));
  const german = new Map(flat(de as unknown as Tree));
  expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
  const values = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();
  const different = [...english].filter(
    ([key, text]) => values(text).join() !== values(german.get(key) ?? "").join(),
  );
  expect(different.map(([key]) => key)).toEqual([]);
});
