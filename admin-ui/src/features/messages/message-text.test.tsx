import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import { MessageText } from "./message-text";

test("markup in a message stays text", () => {
  const body = '<img src=x onerror="alert(1)"> <b>hi</b>';
  const { container } = render(<MessageText body={body} />);
  expect(container.textContent).toBe(body);
  expect(container.querySelector("img, b")).toBeNull();
});

test("addresses lead over the page that warns, and marks say what they are", () => {
  const { container } = render(
    <MessageText
      body="go to https://evil.test now"
      marks={[{ spans: [{ start: 6, end: 23 }], label: "link.denied" }]}
    />,
  );
  const link = container.querySelector("a");
  expect(link?.getAttribute("href")).toContain("/leaving?to=https%3A%2F%2Fevil.test");
  expect(link?.rel).toContain("noopener");
  expect(container.querySelector("mark")?.title).toBe("link.denied");
});
