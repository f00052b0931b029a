/** Owns turning a drawn row into VS Code's tree item. */
import { MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState } from "vscode";
import type { NodeIcon, TreeNode } from "./node.ts";
import type { DrawnRow } from "./treeModel.ts";

const COLLAPSIBLE_STATES = {
  none: TreeItemCollapsibleState.None,
  collapsed: TreeItemCollapsibleState.Collapsed,
  expanded: TreeItemCollapsibleState.Expanded,
} as const;

/** A tree never shows it. */
const COMMAND_TITLE = "Open";

export function treeItem(node: TreeNode, row: DrawnRow | undefined): TreeItem {
  // VS Code may still ask for a row that went a moment ago, before it takes the news of that.
  if (row === undefined) return new TreeItem("");
  const item = new TreeItem(row.label, COLLAPSIBLE_STATES[row.children]);
  item.id = node.id;
  item.description = row.description;
  item.iconPath = themeIcon(row.icon);
  item.contextValue = row.contextValue;
  item.accessibilityInformation = { label: row.accessibleLabel };
  if (row.command !== undefined) {
    item.command = { command: row.command, title: COMMAND_TITLE, arguments: [node] };
  }
  item.tooltip = untrustedMarkdown(row.tooltip);
  return item;
}

function themeIcon({ id, color }: NodeIcon): ThemeIcon {
  return color === undefined ? new ThemeIcon(id) : new ThemeIcon(id, new ThemeColor(color));
}

/** No command links, no icons, no HTML: what is in it comes from outside. */
function untrustedMarkdown(text: string): MarkdownString {
  const markdown = new MarkdownString(text);
  markdown.isTrusted = false;
  markdown.supportHtml = false;
  markdown.supportThemeIcons = false;
  return markdown;
}
