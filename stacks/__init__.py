"""The estate as CDKTF stacks: the only room that knows the synthesis engine."""

from stacks.fence import raise_fence

raise_fence()
