#!/usr/bin/env bash
# Trains every adapter of this folder again, at the default configuration on the full data: the same bytes on every machine.
# Takes some fifteen minutes on two cores. The four scripts are made by the program.
#
#   adapters/make.sh DATA_DIR
set -euo pipefail
data=$(realpath "${1:?the folder with mnist/, kmnist/, fashion/ and kannada/}")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo build --release --bin bl-adapt
bl_adapt=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')/release/bl-adapt

# Images: as f16, which costs less than 0.05 points, or is refused.
pictures() {
  "$bl_adapt" train --task "$1" --data-dir "$data" --out "$work/$1.safetensors" "${@:2}"
  "$bl_adapt" convert --to f16 --max-loss 0.05 "$work/$1.safetensors" --data-dir "$data" --out "$1.safetensors"
}
pictures mnist --license CC-BY-SA-3.0
pictures kmnist --license CC-BY-SA-4.0
pictures fashion --license MIT
pictures kannada # its data have no stated licence, so the adapter states none
data_of_sets=$data
data=$work/data
for task in ethiopic vai osmanya nko; do
  "$bl_adapt" data generate "$task" --data-dir "$data"
  pictures "$task" --license MIT
done
data=$data_of_sets

"$bl_adapt" train --task mnist --method mask --data-dir "$data" --license CC-BY-SA-3.0 --out mnist-mask.safetensors
for task in cosine vanderpol lorenz reach; do
  "$bl_adapt" train --task "$task" --license "MIT OR Apache-2.0" --out "$task.safetensors"
done
./describe.sh "$bl_adapt"
