#!/bin/sh
# One change on its way through the pipelines, in the sandbox: what each person types, and what is refused to them.
#
#     make up .venv/airflow && sh docs/whole-change.sh all
#
# It works on a copy of the sandbox of this folder, in .sandbox/change, where one can look afterwards. Nobody here has a
# right that their persona does not have: mila is an MLOps engineer, otto a DevOps engineer, ada a data scientist, dora a
# data engineer.
set -eu
platform=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
PATH="$platform/.venv/bin:$PATH"
export BLUEPRINT_SETTINGS="${BLUEPRINT_SETTINGS:-$platform/settings}"
home=$PWD/.sandbox/change
rm -rf "$home" && mkdir -p "$home/.sandbox"
for part in .sandbox/*; do test "$part" = .sandbox/change || cp -R "$part" "$home/.sandbox/"; done
cd "$home"
trap 'rm -rf "$work"' EXIT

refused() { echo "\$ $*" >&2; if "$@"; then echo "was not refused: $*" >&2; exit 9; fi; }
waits() { echo "\$ $*" >&2; "$@" && exit 9 || test $? = 5; }
does() { echo "\$ $*" >&2; "$@"; }
# A repository of a team: the named folders of the platform, and a branch of one person.
repository() {
  git init --quiet --initial-branch main "$work/$1"
  for folder in $2; do mkdir -p "$work/$1/$(dirname "$folder")"; cp -R "$platform/$folder" "$work/$1/$folder"; done
  printf '__pycache__\n' >>"$work/$1/.gitignore"
  git -C "$work/$1" add --all
  committed "$1" platform@example.com "First commit"
}
edited() { sed "$2" "$work/$1" >"$work/edited" && mv "$work/edited" "$work/$1"; }
branch() { git -C "$work/$1" switch --quiet --create "$2"; }
committed() { git -C "$work/$1" -c user.name="$2" -c user.email="$2" commit --quiet --all --message "$3"; }

# 1. Interactive: mila makes a new version of a template. Its candidate is checked; nobody can order it yet.
repository templates catalog_templates/bucket
branch templates describe
edited templates/catalog_templates/bucket/manifest.yaml \
  's/^version: .*/version: 1.1.0/; s/^title: .*/title: Bucket for files of a team/'
committed templates mila@example.com "Say whose files these are"
does blueprint pull open templates --from "$work/templates" --branch describe --as mila@example.com
refused blueprint pull approve templates 1 --as mila@example.com
does blueprint pull approve templates 1 --as otto@example.com
waits blueprint pull merge templates 1 --as mila@example.com
refused blueprint build approve interactive --as mila@example.com
does blueprint build approve interactive --as otto@example.com
does blueprint catalog register
does blueprint catalog launch bucket --team churn --by ada@example.com --set name=photos --set "purpose=Photos of the shop."

# 2. Container: ada changes what the pipeline's stages run. It is built once; dora lets the digest into production.
repository containers "pipelines settings"
branch containers faster
printf '\n# Trains on fewer rows.\n' >>"$work/containers/pipelines/steps/train.py"
committed containers ada@example.com "Train on fewer rows"
does blueprint pull open containers --from "$work/containers" --branch faster --as ada@example.com
does blueprint pull approve containers 1 --as dora@example.com
digest=$(does blueprint pull merge containers 1 --as ada@example.com | grep -o 'sha256:[0-9a-f]*' | head -n 1)
waits blueprint build run container --event message --as ada@example.com --set image=churn --set "digest=$digest"
refused blueprint build approve container --as ada@example.com
does blueprint build approve container --as dora@example.com

# 3. Operational: ada merges her pipeline. It runs in nonproduction; what passed there goes to production on dora's word.
repository team "pipelines settings"
git -C "$work/team" branch deployment
branch team release
printf '\n# Released.\n' >>"$work/team/pipelines/flows/churn/flow.yaml"
committed team ada@example.com "Release the churn model"
does blueprint pull open team --team churn --from "$work/team" --branch release --as ada@example.com
does blueprint pull approve team 1 --team churn --as dora@example.com
does blueprint pull merge team 1 --team churn --as ada@example.com | tee "$work/merged" >&2
run=$(blueprint pipeline runs --team churn | head -n 1 | cut -d ' ' -f 1)
waits blueprint build run operational --event message --team churn --trigger release --as ada@example.com --set "run=$run"
refused blueprint build approve operational --as ada@example.com
does blueprint build approve operational --as dora@example.com

# 4. Infrastructure, where `all` was asked for: every stack is planned, which takes minutes.
test "${1:-}" = all || exit 0
# mila raises a budget. Her pull request says what changes; what otto approves is exactly that plan.
mkdir "$work/infrastructure"
git -C "$platform" ls-files --cached --others --exclude-standard -z |
  tar -C "$platform" --null -T - -cf - | tar -C "$work/infrastructure" -xf -
repository infrastructure ""
branch infrastructure budget
edited infrastructure/settings/organization.yaml 's/^common_budget: .*/common_budget: 2100/'
committed infrastructure mila@example.com "A larger budget"
does blueprint pull open infrastructure --from "$work/infrastructure" --branch budget --as mila@example.com
does blueprint pull approve infrastructure 1 --as otto@example.com
waits blueprint pull merge infrastructure 1 --as mila@example.com
refused blueprint build approve infrastructure --as mila@example.com
does blueprint build approve infrastructure --as otto@example.com
