import { Skeleton, SkeletonRows } from "./feedback";

/** A screen whose code is on its way. */
export function PageSkeleton() {
  return (
    <div className="flex h-full flex-col">
      <div className="flex h-13 items-center border-b px-4 lg:px-6">
        <Skeleton className="h-5 w-36" />
      </div>
      <SkeletonRows rows={7} tall />
    </div>
  );
}
