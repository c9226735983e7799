#!/usr/bin/env bash
# Before the first release there is one migration, Initial, for each provider: this makes the three anew from the model.
# After the first release: eng/migrations.sh NAME adds a migration called NAME to each of the three.
set -euo pipefail
cd "$(dirname "$0")/.."
project=DataDefender.Infrastructure
name=${1:-Initial}
dotnet tool restore >/dev/null
if [ "$name" = Initial ]; then rm -rf $project/Persistence/Migrations/{Sqlite,Postgres,SqlServer}; fi
dotnet build $project -v q --nologo
for provider in Sqlite Postgres SqlServer; do
  dotnet ef migrations add "$name" --no-build --project $project --startup-project $project \
    --context "${provider}DbContext" --output-dir "Persistence/Migrations/$provider"
  # The next provider's migration must not be made against an assembly that lacks this one's snapshot: it does not look at it.
done
