/**
 * The names of the places that a program can run in.
 */

/** @internal */
export const inKubernetes = "in Kubernetes"

/** @internal */
export const onInstance = "on ECS"
