/** Owns the longer texts of the README's picture: the diff that is to be judged, and the log of the turn that is followed. */

export const DIFF = `--- a/src/checkout/giftCard.ts
+++ b/src/checkout/giftCard.ts
@@ -12,5 +12,10 @@ export interface GiftCard {
 /** Takes what an order costs from gift cards. */
-export function redeem(order: Order, card: GiftCard): Payment {
-  const amount = Math.min(order.total, card.balance);
-  return { amount, rest: order.total - amount };
+export function redeem(order: Order, cards: GiftCard[]): Payment {
+  let rest = order.total;
+  for (const card of cards) {
+    const amount = Math.min(rest, card.balance);
+    card.balance -= amount;
+    rest -= amount;
+  }
+  return { amount: order.total - rest, rest };
 }
`;

/** As the bridge writes a turn of Claude Code. */
export const ROUNDING_LOG = `> Round every total to whole cents
I'll begin with where totals are made.
→ Read: src/cart.ts
✓ Read: src/cart.ts · 0.1s
Tax is rounded for each line, and again for the sum.
→ Edit: src/cart.ts
✓ Edit: src/cart.ts · 0.3s · +14 -9
→ Write: src/cart.test.ts
✓ Write: src/cart.test.ts · 0.2s · +38 -0
→ Bash: npm test -- cart
`;
