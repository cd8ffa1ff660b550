#!/bin/sh
# One change on its way through the pipelines, in the sandbox: what each person types, and what is refused to them.
#
#     make up .venv/airflow && sh docs/whole-change.sh all
#
# Without `all` it leaves out the infrastructure, whose plans take minutes; with `infrastructure` that is all it does.
# It works on a copy of the sandbox of this folder, in .sandbox/change, where one can look afterwards. Nobody here has a
# right that their persona does not have: mila is an MLOps engineer, otto a DevOps engineer, ada and bert are data
# scientists, dora is a data engineer.
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

applications() {
  # 1. Interactive: mila makes a new version of a template. Its candidate is checked; nobody can order it yet. Once otto
  # agrees, the same build publishes and registers it, and ada can.
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
  does blueprint catalog launch bucket --team churn --by ada@example.com --set name=photos --set "purpose=Photos of the shop."

  # 2. Container: ada changes what the pipeline's stages run. It is built once; dora lets the digest into production.
  repository containers "pipelines settings"
  branch containers faster
  printf '\n# Trains on fewer rows.\n' >>"$work/containers/pipelines/steps/train.py"
  committed containers ada@example.com "Train on fewer rows"
  does blueprint pull open containers --from "$work/containers" --branch faster --as ada@example.com
  does blueprint pull approve containers 1 --as dora@example.com
  image=$(does blueprint pull merge containers 1 --as ada@example.com | grep -o '[^ ]*@sha256:[0-9a-f]*' | head -n 1)
  digest=${image#*@}
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
  # What is published can be run with other parameters: ada starts it, the build does it, and Vertex AI shows her what came.
  version=$(does blueprint pipeline versions --team churn --as ada@example.com | head -n 1 | cut -d ' ' -f 1)
  refused blueprint pipeline submit --team churn --version "$version" --as ada@example.com
  refused blueprint build run operational --event message --team churn --trigger run --as ada@example.com \
    --set "version=$version" --set "parameters={strenght: 1.0}"
  does blueprint build run operational --event message --team churn --trigger run --as ada@example.com \
    --set "version=$version" --set "parameters={technique: boosting, iterations: 20}" || echo "the gate said no, which is a result, too" >&2
  does blueprint pipeline runs --team churn --as ada@example.com
  does blueprint pipeline models --team churn --environment nonproduction --as ada@example.com
  waits blueprint build run operational --event message --team churn --trigger release --as ada@example.com --set "run=$run"
  refused blueprint build approve operational --as ada@example.com
  does blueprint build approve operational --as dora@example.com
  does blueprint pipeline models --team churn --as dora@example.com

  # 4. Generative: bert's release names the image that dora approved, and is judged. The build that judges the merge signs
  # the lock; before that it goes nowhere, whoever says yes.
  repository assistant "pipelines settings"
  git -C "$work/assistant" branch deployment
  branch assistant image
  (cd "$work/assistant" && does blueprint release build assistant --image "$image")
  committed assistant bert@example.com "Name the image that the release runs in"
  does blueprint pull open team --team assistant --from "$work/assistant" --branch image --as bert@example.com
  waits blueprint build run operational --event message --team assistant --trigger promote --as bert@example.com
  refused blueprint build approve operational --trigger promote-assistant --as dora@example.com
  does blueprint pull approve team 1 --team assistant --as dora@example.com
  does blueprint pull merge team 1 --team assistant --as bert@example.com
  waits blueprint build run operational --event message --team assistant --trigger promote --as bert@example.com
  does blueprint build approve operational --trigger promote-assistant --as dora@example.com
}

infrastructure() {
  # 5. Infrastructure: mila raises what a team may spend. Her pull request plans the stacks that it is about. Once merged,
  # the waves go one after the other, each planned after the one before was applied; what otto approves is exactly that plan.
  mkdir "$work/infrastructure"
  git -C "$platform" ls-files --cached --others --exclude-standard -z |
    tar -C "$platform" --null -T - -cf - | tar -C "$work/infrastructure" -xf -
  repository infrastructure ""
  branch infrastructure budget
  edited infrastructure/settings/teams/churn.yaml '/^budget:/s/nonproduction: [0-9]*, production: [0-9]*/nonproduction: 1100, production: 3300/'
  committed infrastructure mila@example.com "A larger budget"
  does blueprint pull open infrastructure --from "$work/infrastructure" --branch budget --as mila@example.com
  does blueprint pull approve infrastructure 1 --as otto@example.com
  waits blueprint pull merge infrastructure 1 --as mila@example.com
  does blueprint build approvals infrastructure --as otto@example.com
  refused blueprint build approve infrastructure --trigger apply-nonproduction --as mila@example.com
  does blueprint build approve infrastructure --trigger apply-nonproduction --as otto@example.com
  does blueprint build approve infrastructure --trigger apply-production --as otto@example.com
  # At night: somebody has switched off the versions of a bucket by hand. The report says so, and the build fails.
  project=acme-prd-churn-k7q2
  bucket="from google.cloud.storage import Client; bucket = Client(project='$project').bucket('$project-definitions')"
  does blueprint sandbox exec -- "$platform/.venv/bin/python" -c "$bucket; bucket.versioning_enabled = False; bucket.patch()"
  refused blueprint build run infrastructure --event message --trigger drift
}

case "${1:-}" in
infrastructure) infrastructure ;;
all) applications; infrastructure ;; # Danger: with && nothing in the first would stop it
*) applications ;;
esac
