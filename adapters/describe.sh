#!/usr/bin/env bash
# The cards of this folder's adapters, as `bl-adapt push` would send them, and the table of README.md.
#
#   adapters/describe.sh BL_ADAPT DATA_DIR
set -euo pipefail
bl_adapt=$(realpath "$1") data=$(realpath "$2")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in *.safetensors; do
  name=${file%.safetensors}
  HF_HUB_OFFLINE=1 "$bl_adapt" push "$file" "bias-adapters/$name" --dry-run --out "$work/$name" --data-dir "$data" --quiet >/dev/null
  mkdir -p "cards/$name"
  cp "$work/$name/README.md" "$work/$name/sample.png" "cards/$name/"
done
{
  sed '/^<!-- table -->$/q' README.md
  echo
  "$bl_adapt" list . --markdown
} >"$work/README.md"
mv "$work/README.md" README.md
